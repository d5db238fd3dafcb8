/** Whether a whole name matches a pattern in which `*` is any run of characters and `?` is any one. */
export function matchesGlob(pattern: string, name: string): boolean {
  let at = 0;
  let patternAt = 0;
  let starAt = -1;
  let resumeAt = 0;
  while (at < name.length) {
    const wanted = pattern[patternAt];
    if (wanted === "*") {
      starAt = patternAt;
      resumeAt = at;
      patternAt += 1;
    } else if (wanted === "?" || wanted === name[at]) {
      at += 1;
      patternAt += 1;
    } else if (starAt >= 0) {
      // Only the last star has to give way, so the work is bounded by the product of the lengths.
      resumeAt += 1;
      at = resumeAt;
      patternAt = starAt + 1;
    } else {
      return false;
    }
  }
  while (pattern[patternAt] === "*") patternAt += 1;
  return patternAt === pattern.length;
}
