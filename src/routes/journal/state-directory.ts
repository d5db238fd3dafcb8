/** What tells whether somebody else had a hand in an open file. */
export interface FileFacts {
  readonly size: number;
  /** Names that the file has; 0 when it was removed or replaced. */
  readonly links: number;
}

/** An open file of the state directory. Disposing of it closes it. */
export interface StateFile extends AsyncDisposable {
  facts(): Promise<FileFacts>;
  /** @returns how many bytes were read, 0 at the end of the file */
  read(into: Uint8Array, position: number): Promise<number>;
  /** @returns how many bytes were written: fewer than given when space runs out on the way */
  write(bytes: Uint8Array, position: number): Promise<number>;
  truncate(size: number): Promise<void>;
  /** The file's bytes and size are on the disk when it returns (fsync(2)). */
  sync(): Promise<void>;
}

/**
 * The few things that the journal asks of a file system, for names in one directory. Each method rejects with
 * the system's own error, its errno name in `code`.
 */
export interface StateDirectory {
  /** For messages. */
  readonly path: string;
  /**
   * Makes the directory, mode 0700, if it is missing, and refuses one that others can write to.
   *
   * @throws JournalError `unsafe`
   */
  prepare(): Promise<void>;
  /**
   * Opens a file that exists; follows no symbolic link.
   *
   * @throws JournalError `unsafe` for what is no regular file, or what others may have written
   */
  open(name: string, access: "read" | "write"): Promise<StateFile>;
  /** Makes a file, mode 0600, for reading and writing; refuses one that exists. */
  create(name: string): Promise<StateFile>;
  /** Gives a file a second name; refuses one that exists. */
  link(from: string, to: string): Promise<void>;
  /** Gives a file another name at once, in place of what had it. */
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Names made, moved and removed are on the disk when it returns. */
  sync(): Promise<void>;
}
