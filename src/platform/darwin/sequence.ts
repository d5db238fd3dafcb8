/** Gives numbers for `rtm_seq`, each once. */
export type Sequence = () => number;

const largest = 0x7fff_ffff;

/**
 * Numbers that come back in the kernel's answers. One sequence serves all sockets of a platform, as an answer is
 * heard by all of them; it begins anywhere, as other users of this process have theirs.
 *
 * @param random from 0 to below 1
 */
export function newSequence(random: () => number = Math.random): Sequence {
  let last = Math.floor(random() * largest);
  return () => {
    last = (last % largest) + 1;
    return last;
  };
}
