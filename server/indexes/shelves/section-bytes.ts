/**
 * A section of digests in bytes, for a file or a column of a database:
 *
 *     "JGD1", number of runs (4), of each run its first block and its number of blocks (4 each), the digests, checksum (16)
 *
 * The checksum also covers the key of the section, so that a section under a wrong name is detected. Numbers are
 * big-endian, and blocks are counted from the front of the section.
 */
import {Buffer} from 'node:buffer';
import {hash} from 'node:crypto';
import {blockCount, digestSize} from '../../../protocol/block.ts';
import {type DigestRun, type ShelvedFile, sectionBlocks, shelfName} from '../digest-shelf.ts';

const magic = Buffer.from('JGD1');
const headSize = magic.length + 4;
const runSize = 8;
const checksumSize = 16;

/** The most bytes of a section: the worst case is that every other block is known. */
export const maxSectionBytes =
  headSize + (sectionBlocks / 2) * runSize + sectionBlocks * digestSize + checksumSize;

/** The file and the number of a section. */
export type SectionKey = {readonly file: ShelvedFile; readonly section: number};

/** The name of a section, the same on every server: 64 hexadecimal digits. */
export function sectionName({file, section}: SectionKey): string {
  return hash('sha256', `${shelfName(file)}\n${section}`, 'hex');
}

/** The number of blocks of a section. Only the last section of a file has fewer; sections after it have none. */
export function blocksOf({file, section}: SectionKey): number {
  return Math.max(0, Math.min(sectionBlocks, blockCount(file.size) - section * sectionBlocks));
}

/** @param runs in order and not empty, as `joinRuns` gives them. */
export function encodeSection(key: SectionKey, runs: readonly DigestRun[]): Buffer {
  const head = Buffer.alloc(headSize + runs.length * runSize);
  magic.copy(head);
  head.writeUInt32BE(runs.length, magic.length);
  for (const [index, {first, digests}] of runs.entries()) {
    const at = headSize + index * runSize;
    head.writeUInt32BE(first - key.section * sectionBlocks, at);
    head.writeUInt32BE(digests.length / digestSize, at + 4);
  }

  const content = Buffer.concat([head, ...runs.map(({digests}) => digests)]);
  return Buffer.concat([content, checksum(key, content)]);
}

/** The runs in `bytes`; none if anything in them is invalid. */
export function decodeSection(key: SectionKey, bytes: Uint8Array): DigestRun[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const content = buffer.subarray(0, Math.max(0, buffer.length - checksumSize));
  const isWhole =
    content.length >= headSize &&
    magic.equals(content.subarray(0, magic.length)) &&
    checksum(key, content).equals(buffer.subarray(content.length));
  return isWhole ? (runsIn(key, content) ?? []) : [];
}

/** The runs in `content`; undefined if they exceed it or the section. */
function runsIn(key: SectionKey, content: Buffer): DigestRun[] | undefined {
  const count = content.readUInt32BE(magic.length);
  let at = headSize + count * runSize;
  if (at > content.length) {
    return undefined;
  }

  const runs: DigestRun[] = [];
  let reached = 0;
  for (let index = 0; index < count; index++) {
    const first = content.readUInt32BE(headSize + index * runSize);
    const length = content.readUInt32BE(headSize + index * runSize + 4);
    const end = at + length * digestSize;
    if (first < reached || first + length > blocksOf(key) || end > content.length) {
      return undefined;
    }

    runs.push({first: key.section * sectionBlocks + first, digests: content.subarray(at, end)});
    reached = first + length;
    at = end;
  }

  return at === content.length ? runs : undefined;
}

function checksum(key: SectionKey, content: Uint8Array): Buffer {
  const owner = Buffer.from(sectionName(key), 'hex');
  return hash('sha256', Buffer.concat([owner, content]), 'buffer').subarray(0, checksumSize);
}

/** The union of `runs` in order. Where runs overlap, the first digest of a block wins. Leaves out blocks of other sections. */
export function joinRuns(key: SectionKey, runs: readonly DigestRun[]): DigestRun[] {
  const blocks = blocksOf(key);
  const front = key.section * sectionBlocks;
  const digests = Buffer.alloc(blocks * digestSize);
  const known = new Uint8Array(blocks);
  for (const run of runs) {
    for (let at = 0; at < run.digests.length; at += digestSize) {
      const block = run.first - front + at / digestSize;
      if (known[block] === 0) {
        known[block] = 1;
        digests.set(run.digests.subarray(at, at + digestSize), block * digestSize);
      }
    }
  }

  const joined: DigestRun[] = [];
  for (let from = known.indexOf(1); from !== -1; ) {
    const gap = known.indexOf(0, from);
    const to = gap === -1 ? blocks : gap;
    joined.push({
      first: front + from,
      digests: digests.subarray(from * digestSize, to * digestSize),
    });
    from = known.indexOf(1, to);
  }

  return joined;
}

/** Whether `runs`, as `joinRuns` gives them, have every block of the section. */
export function isComplete(key: SectionKey, runs: readonly DigestRun[]): boolean {
  const [first, ...others] = runs;
  return others.length === 0 && first?.digests.length === blocksOf(key) * digestSize;
}
