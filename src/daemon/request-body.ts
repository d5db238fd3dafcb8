import type { IncomingMessage } from "node:http";
import { AdminError } from "./admin-error.ts";

/**
 * The JSON that a request carries, or undefined when it carries none.
 *
 * @throws AdminError 413 as soon as the body is known to be too long, 400 when it is not JSON
 */
export async function readJsonBody(
  request: IncomingMessage,
  largestBytes: number,
): Promise<unknown> {
  const announced = Number(request.headers["content-length"] ?? 0);
  if (announced > largestBytes) throw tooLarge(largestBytes);
  if (announced === 0 && request.headers["transfer-encoding"] === undefined) return undefined;
  const text = (await collect(request, largestBytes)).toString("utf8");
  if (text.trim() === "") return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw badJson(error);
  }
}

function badJson(cause: unknown): AdminError {
  const why = cause instanceof Error ? cause.message : "it is not JSON";
  const message = `cannot read the request's body: ${why}`;
  return new AdminError(400, "bad-json", message, "send one JSON value in UTF-8", { cause });
}

function collect(request: IncomingMessage, largestBytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > largestBytes) reject(tooLarge(largestBytes));
      else chunks.push(chunk);
    });
    request.once("end", () => resolve(Buffer.concat(chunks)));
    request.once("error", reject);
  });
}

function tooLarge(largestBytes: number): AdminError {
  const message = `the request's body is longer than ${largestBytes} bytes`;
  return new AdminError(413, "body-too-large", message, "send less");
}
