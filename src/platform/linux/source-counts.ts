/** What the event sockets of a platform count together, from its opening on. */
export interface SourceCounts {
  lastMessageAt: number | null;
  messages: number;
  filtered: number;
  foreign: number;
  overflows: number;
  undecodable: number;
}

export function emptySourceCounts(): SourceCounts {
  return {
    lastMessageAt: null,
    messages: 0,
    filtered: 0,
    foreign: 0,
    overflows: 0,
    undecodable: 0,
  };
}
