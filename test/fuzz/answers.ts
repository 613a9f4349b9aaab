/** The answers of an honest server for some files, made from docs/protocol.md alone. */
import {createHash} from 'node:crypto';
import {basename} from 'node:path';
import {zstdCompressSync} from 'node:zlib';
import {kinds, rawFrame} from '../fixtures/server/server-raw-peer.ts';

export type Files = ReadonlyMap<string, Buffer>;

/** A request as it arrived, whatever the client wrote in it. */
export type AskedFor = {kind: number; body: Record<string, unknown>};

const blockSize = 1_048_576;
const version = 'v1';
const mtimeMs = 1_700_000_000_000;

/** The content of every requested file that is none of the served ones. */
export const stray = Buffer.from('the content of all other names');

export const hello = message(kinds.hello, {
  ...{
    protocol: 1,
    server: 'lying',
    algorithms: ['sha256'],
    features: ['find-folders', 'files', 'roots', 'zstd'],
  },
  ...{token: false, limits: {payload: 262_144, pipelined: 128}},
});

/** The frames of the right answer. */
export function honestAnswer(files: Files, {kind, body}: AskedFor): Buffer[] {
  const path = typeof body.path === 'string' ? body.path : '';
  const bytes = files.get(path) ?? stray;
  switch (kind) {
    case kinds.list:
      return entries(childrenOf(files, path));
    case kinds.find:
      return entries([
        ...[...files].map(([name, {length}]) => fileEntry(name, length)),
        ...(body.folders === true ? foldersOf(files).map(folderEntry) : []),
      ]);
    case kinds.stat: {
      const isFolder = path === '' || foldersOf(files).includes(path);
      const entry = isFolder ? folderEntry(path) : fileEntry(path, bytes.length);
      return [message(kinds.entry, {...entry, name: basename(path), version})];
    }
    case kinds.digests:
      return digests(bytes, Number(body.from ?? 0), body.to);
    case kinds.get:
      return [
        message(kinds.file, {size: bytes.length, mtimeMs, version}),
        ...blocksIn(bytes, body.ranges).map(block =>
          body.compress === undefined ? blockFrame(bytes, block) : compressedBlock(bytes, block),
        ),
        message(kinds.end, {version, root: rootOf(bytes)}),
      ];
    case kinds.filesRequest:
      return packedFiles(files, body.files);
    case kinds.roots:
      return roots(files, Array.isArray(body.files) ? body.files : []);
    case kinds.hash: {
      const length = Math.min(Number(body.length ?? bytes.length), bytes.length);
      const digest = createHash(String(body.algorithm ?? 'sha256'))
        .update(bytes.subarray(0, length))
        .digest('hex');
      return [message(kinds.hashed, {digest, length, size: bytes.length, version})];
    }
    default:
      return [message(kinds.pong, {})];
  }
}

/** The frames of all requested files. A file with another size than the requested one has an error. */
function packedFiles(files: Files, asked: unknown): Buffer[] {
  const all: unknown[][] = Array.isArray(asked) ? asked : [];
  const portions = Array.from({length: Math.ceil(all.length / 10)}, (_, index) =>
    filesFrame(files, all.slice(index * 10, index * 10 + 10)),
  );
  return [...portions, message(kinds.end, {})];
}

function filesFrame(files: Files, asked: readonly unknown[][]): Buffer {
  const facts: Buffer[] = [];
  const bytes: Buffer[] = [];
  for (const [path, size] of asked) {
    const content = files.get(String(path)) ?? stray;
    if (content.length === size) {
      const numbers = Buffer.alloc(14);
      numbers[1] = version.length;
      numbers.writeUInt32BE(content.length, 2);
      numbers.writeDoubleBE(mtimeMs, 6);
      facts.push(numbers, sha256(content), Buffer.from(version));
      bytes.push(content);
    } else {
      const text = Buffer.from(JSON.stringify({code: 'changed', message: 'Of another size'}));
      const length = Buffer.alloc(6);
      length[0] = 1;
      length.writeUInt32BE(text.length, 2);
      facts.push(length, text);
    }
  }

  const count = Buffer.alloc(2);
  count.writeUInt16BE(asked.length);
  return rawFrame(kinds.files, Buffer.concat([count, ...facts, ...bytes]));
}

/** A frame with this message. */
export function message(kind: number, value: object): Buffer {
  return rawFrame(kind, JSON.stringify(value));
}

export function fileEntry(name: string, size: number) {
  return {name, type: 'file', size, mtimeMs};
}

/** The frame of a block, with the digest of its bytes. */
export function blockFrame(bytes: Buffer, block: number): Buffer {
  const slice = bytes.subarray(block * blockSize, (block + 1) * blockSize);
  const header = Buffer.alloc(8);
  header.writeBigUInt64BE(BigInt(block * blockSize));
  return rawFrame(kinds.block, Buffer.concat([header, sha256(slice), slice]));
}

/** The same for a client that accepts compressed blocks: compressed, if the block is then smaller. */
function compressedBlock(bytes: Buffer, block: number): Buffer {
  const slice = bytes.subarray(block * blockSize, (block + 1) * blockSize);
  const compressed = zstdCompressSync(slice);
  if (compressed.length >= slice.length) {
    return blockFrame(bytes, block);
  }

  const offset = Buffer.alloc(8);
  offset.writeBigUInt64BE(BigInt(block * blockSize));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(slice.length);
  return rawFrame(kinds.compressed, Buffer.concat([offset, sha256(slice), length, compressed]));
}

function folderEntry(name: string) {
  return {name, type: 'folder', size: 0, mtimeMs};
}

function entries(all: ReadonlyArray<ReturnType<typeof fileEntry>>): Buffer[] {
  const bytes = all.reduce((sum, {size}) => sum + size, 0);
  return [message(kinds.entries, {entries: all}), message(kinds.end, {count: all.length, bytes})];
}

function childrenOf(files: Files, folder: string) {
  const prefix = folder === '' ? '' : `${folder}/`;
  const below = [...files].filter(([name]) => name.startsWith(prefix));
  const names = new Set(below.map(([name]) => name.slice(prefix.length).replace(/\/.*/s, '')));
  return [...names].map(name => {
    const bytes = files.get(prefix + name);
    return bytes === undefined ? folderEntry(name) : fileEntry(name, bytes.length);
  });
}

function foldersOf(files: Files): string[] {
  return [...new Set([...files.keys()].filter(name => name.includes('/')).map(folderOf))];
}

function folderOf(name: string): string {
  return name.replace(/\/[^/]*$/s, '');
}

function digests(bytes: Buffer, from: number, to: unknown): Buffer[] {
  const all = allDigests(bytes);
  const end = typeof to === 'number' ? to : all.length;
  return [
    ...(end > from ? [rawFrame(kinds.digestBytes, Buffer.concat(all.slice(from, end)))] : []),
    message(kinds.end, {size: bytes.length, version, root: rootOf(bytes)}),
  ];
}

/** @param asked pairs of a path and a size, as a client sends them. */
function roots(files: Files, asked: ReadonlyArray<[string, number?]>): Buffer[] {
  const records = asked.map(([path, size]) => {
    const bytes = files.get(path) ?? stray;
    const isRooted = size === bytes.length;
    const facts = Buffer.alloc(18);
    facts[0] = isRooted ? 2 : 1;
    facts.writeBigUInt64BE(BigInt(bytes.length), 1);
    facts.writeDoubleBE(mtimeMs, 9);
    facts[17] = version.length;
    const root = isRooted ? [Buffer.from(rootOf(bytes), 'hex')] : [];
    return Buffer.concat([facts, Buffer.from(version), ...root]);
  });
  return [
    rawFrame(kinds.rootBytes, Buffer.concat(records)),
    message(kinds.end, {count: asked.length}),
  ];
}

/** The numbers of the blocks in `ranges` of a request. */
function blocksIn(bytes: Buffer, ranges: unknown): number[] {
  const all = [...allDigests(bytes).keys()];
  if (!Array.isArray(ranges)) {
    return all;
  }

  // A client sends pairs of numbers. Any other value selects no block.
  return all.filter(block =>
    (ranges as Array<[number, number]>).some(
      ([offset, length]) => block * blockSize >= offset && block * blockSize < offset + length,
    ),
  );
}

function allDigests(bytes: Buffer): Buffer[] {
  return Array.from({length: Math.ceil(bytes.length / blockSize)}, (_, block) =>
    sha256(bytes.subarray(block * blockSize, (block + 1) * blockSize)),
  );
}

function rootOf(bytes: Buffer): string {
  return sha256(Buffer.concat(allDigests(bytes))).toString('hex');
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
