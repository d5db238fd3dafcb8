/** A line grew past the bound before it ended. */
export class LineTooLongError extends Error {
  override readonly name = "LineTooLongError";
}

/**
 * The lines of a byte stream, without their ends and without the empty ones (a server may send those to keep a
 * connection alive). What follows the last newline counts as a line when the stream ends.
 *
 * @throws LineTooLongError when a line has more bytes than allowed
 */
export async function* boundedLines(
  chunks: AsyncIterable<Uint8Array>,
  longestBytes: number,
): AsyncGenerator<string, void, undefined> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const take = (bytes: Uint8Array): void => {
    length += bytes.length;
    if (length > longestBytes) throw new LineTooLongError(`a line has over ${longestBytes} bytes`);
    parts.push(bytes);
  };
  const finish = (): string => {
    const line = Buffer.concat(parts).toString("utf8");
    parts = [];
    length = 0;
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      take(chunk.subarray(start, end));
      start = end + 1;
      const line = finish();
      if (line !== "") yield line;
    }
    if (start < chunk.length) take(chunk.subarray(start));
  }
  const line = finish();
  if (line !== "") yield line;
}
