/**
 * Counts the bytes of blocks that go through a proxy to the client, file by file and block by
 * block. It reads requests and answers along the way, and so knows which file a block is of.
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
  /** How often each whole block went through: path, then number of the block. */
  readonly whole: Map<string, Map<number, number>>;
  /** Bytes of blocks that did not go through as a whole. */
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
  /** Bytes of blocks that went through since it began. */
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

  /** Bytes, since it was last taken, of blocks that were cut off. */
  get brokenBytes(): number {
    return this.#fetched.brokenBytes;
  }

  /** What was fetched since it was last taken. Blocks under way are counted when they end. */
  take(): Fetched {
    const fetched = this.#fetched;
    this.#fetched = {whole: new Map(), brokenBytes: 0};
    return fetched;
  }
}

/** One connection: what was asked, oldest first, and the blocks that came of it. */
class Conversation {
  readonly blocks: Array<{path: string; block: number}> = [];
  /** The paths of each request; of one for many files, those that have not come. */
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

  /** Each file is one block; an empty one is none. */
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

/** Takes frames apart however they are cut; of a block it keeps no more than the header. */
export class FrameReader {
  /** Bytes of blocks as they travel, without their headers. */
  blockBytes = 0;
  /** Of those, the ones of a block that is not whole yet. */
  brokenBytes = 0;
  readonly #onFrame: (kind: number, payload: Buffer) => void;
  #skip: number;
  #head = Buffer.alloc(0);
  // Bytes of the block that are still to come.
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

  /** Bytes of the frame that have to be kept, as far as is known. */
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
