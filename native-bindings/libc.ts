import koffi from "koffi";

/**
 * A function of the C library, bound on its first call: declaring many costs nothing until they are used.
 * The prototype is in C; `Arguments` and `Result` say the same in TypeScript.
 */
export function libcFunction<Arguments extends readonly unknown[], Result>(
  prototype: string,
): (...args: Arguments) => Result {
  let bound: ((...args: Arguments) => Result) | null = null;
  return (...args) => {
    bound ??= koffi.load(null).func(prototype) as (...args: Arguments) => Result;
    return bound(...args);
  };
}
