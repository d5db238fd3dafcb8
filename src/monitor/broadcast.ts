/** Hands values to whoever listens now. */
export interface Broadcast<Value> {
  /** @returns a function that ends the listening */
  listen(listener: (value: Value) => void): () => void;
  /** Calls every listener at once; who begins to listen meanwhile hears from the next value on. */
  tell(value: Value): void;
}

export function createBroadcast<Value>(): Broadcast<Value> {
  const listeners = new Set<(value: Value) => void>();
  return {
    listen(listener) {
      // The same function may listen twice, and each listening ends alone.
      const own = (value: Value): void => listener(value);
      listeners.add(own);
      return () => void listeners.delete(own);
    },
    tell(value) {
      for (const listener of [...listeners]) {
        try {
          listener(value);
        } catch (error) {
          // A listener's mistake is the program's, and must not cost the others what they listen for.
          queueMicrotask(() => {
            throw error;
          });
        }
      }
    },
  };
}
