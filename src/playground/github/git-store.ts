export type GitObjectType = "blob" | "tree" | "commit" | "tag";

export interface GitObject {
  readonly oid: string;
  readonly type: GitObjectType;
  readonly data: Buffer;
}

export interface GitRef {
  /** Full: `refs/heads/main`. */
  readonly name: string;
  readonly oid: string;
}

/** A repository reduced to what everything else can be built on: objects by their name, and refs that move atomically. */
export interface GitStore {
  /** Where the bare repository lies; null for one that is in memory. */
  readonly directory: string | null;
  object(oid: string): Promise<GitObject | null>;
  write(type: GitObjectType, data: Uint8Array): Promise<string>;
  ref(name: string): Promise<string | null>;
  /** Refs whose full name starts with the prefix, by name. */
  refs(prefix: string): Promise<readonly GitRef[]>;
  /**
   * The compare-and-swap. `previous` null: the ref must not exist; undefined: whatever it is. `next` null deletes.
   * False when the ref is elsewhere by now, or cannot be written.
   */
  moveRef(move: {
    readonly name: string;
    readonly next: string | null;
    readonly previous?: string | null;
  }): Promise<boolean>;
  close(): Promise<void>;
}
