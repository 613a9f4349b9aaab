/**
 * Counts the bytes of blocks that go through a proxy to the client, by file and by block. The meter also decodes the
 * requests, and so knows to which file a block belongs.
 */
import {decodePackedFiles} from '../../protocol/batches/packed-files.ts';
import {blockSize} from '../../protocol/block.ts';
import {
  blockHeaderSize,
  compressedHeaderSize,
  frameKinds,
  headerSize,
  preface,
} from '../../protocol/frame.ts';
import {pathFromWire, type WirePath} from '../../protocol/remote-path.ts';
import type {Direction, Link, ProxyObserver} from '../fixtures/proxy.ts';

export type Fetched = {
  /** How often each whole block went through, by path, then by the number of the block. */
  readonly whole: Map<string, Map<number, number>>;
  /** Bytes of incomplete blocks, which the end of their connection cut off. */
  brokenBytes: number;
};

const lastKinds: ReadonlySet<number> = new Set([
  frameKinds.end,
  frameKinds.error,
  frameKinds.entry,
  frameKinds.hashed,
  frameKinds.pong,
]);

export class BlockMeter implements ProxyObserver {
  /** Bytes of blocks that went through since the start. */
  blockBytes = 0;
  readonly #conversations = new Map<number, Conversation>();
  #fetched: Fetched = {whole: new Map(), brokenBytes: 0};

  forwarded(link: Link, direction: Direction, bytes: Buffer): void {
    let conversation = this.#conversations.get(link.id);
    if (conversation === undefined) {
      conversation = new Conversation();
      this.#conversations.set(link.id, conversation);
    }

    if (direction === 'up') {
      conversation.up.push(bytes);
      return;
    }

    const before = conversation.down.blockBytes;
    conversation.down.push(bytes);
    this.blockBytes += conversation.down.blockBytes - before;
    for (const {path, block} of conversation.blocks.splice(0)) {
      const blocks = this.#fetched.whole.get(path) ?? new Map<number, number>();
      this.#fetched.whole.set(path, blocks.set(block, (blocks.get(block) ?? 0) + 1));
    }
  }

  ended(link: Link): void {
    this.#fetched.brokenBytes += this.#conversations.get(link.id)?.down.brokenBytes ?? 0;
    this.#conversations.delete(link.id);
  }

  /** Bytes of incomplete blocks since the last `take`. */
  get brokenBytes(): number {
    return this.#fetched.brokenBytes;
  }

  /** The blocks since the last call. A block counts when it is complete, or when its connection ends. */
  take(): Fetched {
    const fetched = this.#fetched;
    this.#fetched = {whole: new Map(), brokenBytes: 0};
    return fetched;
  }
}

/** One connection: its requests without a complete answer, the oldest first, and the blocks of the answers. */
class Conversation {
  readonly blocks: Array<{path: string; block: number}> = [];
  /** The paths of each request; of a request for many files, the paths whose files have not arrived. */
  readonly #asked: string[][] = [];
  readonly up = new FrameReader(preface.length, (_kind, payload) => {
    const {path = '', files} = JSON.parse(payload.toString('utf8')) as {
      path?: WirePath;
      files?: Array<[path: WirePath, size: number]>;
    };
    this.#asked.push((files?.map(([path]) => path) ?? [path]).map(pathFromWire));
  });

  readonly down = new FrameReader(0, (kind, payload) => {
    if (kind === frameKinds.block) {
      const block = Number(payload.readBigUInt64BE(0)) / blockSize;
      this.blocks.push({path: this.#asked[0]?.[0] ?? '', block});
    } else if (kind === frameKinds.files) {
      this.#takeFiles(payload);
    } else if (lastKinds.has(kind)) {
      this.#asked.shift();
    }
  });

  /** Each file in the frame is one block. An empty file has no block. */
  #takeFiles(payload: Buffer): void {
    for (const file of decodePackedFiles(payload)) {
      const path = this.#asked[0]?.shift() ?? '';
      if (file.kind === 'file' && file.size > 0) {
        this.down.blockBytes += file.size;
        this.blocks.push({path, block: 0});
      }
    }
  }
}

const blockHeaderSizes: ReadonlyMap<number, number> = new Map([
  [frameKinds.block, blockHeaderSize],
  [frameKinds.compressed, compressedHeaderSize],
]);

/** Splits a stream into frames, wherever the stream is cut. Of a block it keeps only the header. */
export class FrameReader {
  /** Bytes of blocks as sent (maybe compressed), without their headers. */
  blockBytes = 0;
  /** How many of them belong to the block that is not complete yet. */
  brokenBytes = 0;
  readonly #onFrame: (kind: number, payload: Buffer) => void;
  #skip: number;
  #head = Buffer.alloc(0);
  // Bytes of the block that have not arrived.
  #blockLeft = 0;

  constructor(skip: number, onFrame: (kind: number, payload: Buffer) => void) {
    this.#skip = skip;
    this.#onFrame = onFrame;
  }

  push(bytes: Buffer): void {
    let at = Math.min(this.#skip, bytes.length);
    this.#skip -= at;
    while (at < bytes.length) {
      if (this.#blockLeft > 0) {
        const count = Math.min(this.#blockLeft, bytes.length - at);
        this.#takeBlockBytes(count);
        at += count;
      } else {
        const count = Math.min(this.#wanted - this.#head.length, bytes.length - at);
        this.#head = Buffer.concat([this.#head, bytes.subarray(at, at + count)]);
        at += count;
        this.#takeHead();
      }
    }
  }

  /** The bytes of the frame to keep, as far as its header is known. */
  get #wanted(): number {
    if (this.#head.length < headerSize) {
      return headerSize;
    }

    return blockHeaderSizes.get(this.#head[4] ?? 0) ?? headerSize + this.#head.readUInt32BE(0);
  }

  #takeHead(): void {
    if (this.#head.length < this.#wanted) {
      return;
    }

    const kind = this.#head[4] ?? 0;
    const blockHeader = blockHeaderSizes.get(kind);
    if (blockHeader !== undefined) {
      this.#blockLeft = this.#head.readUInt32BE(0) + headerSize - blockHeader;
    } else {
      this.#onFrame(kind, this.#head.subarray(headerSize));
      this.#head = Buffer.alloc(0);
    }
  }

  #takeBlockBytes(count: number): void {
    this.#blockLeft -= count;
    this.blockBytes += count;
    this.brokenBytes += count;
    if (this.#blockLeft === 0) {
      this.brokenBytes = 0;
      this.#onFrame(frameKinds.block, this.#head.subarray(headerSize));
      this.#head = Buffer.alloc(0);
    }
  }
}
