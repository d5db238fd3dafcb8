import type { ErrorBody } from "../admin-api/error-schema.ts";

/** A request that is refused. The message says what could not be done and why, the hint what to do next. */
export class AdminError extends Error {
  override readonly name = "AdminError";
  readonly status: number;
  readonly code: string;
  readonly hint: string | null;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    code: string,
    message: string,
    hint: string | null,
    options: ErrorOptions & { readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.hint = hint;
    this.headers = options.headers ?? {};
  }
}

/** The body of an answer that refuses. */
export function errorBody({ code, message, hint }: AdminError): ErrorBody {
  return { error: { code, message, hint } };
}

/** The refusal as it goes over a connection on which no request could be read: a whole HTTP/1.1 answer. */
export function rawAnswer(error: AdminError, reasonPhrase: string): string {
  const body = `${JSON.stringify(errorBody(error))}\n`;
  return [
    `HTTP/1.1 ${error.status} ${reasonPhrase}`,
    "content-type: application/json",
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
    "",
    body,
  ].join("\r\n");
}
