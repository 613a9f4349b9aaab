/** Turns the frames of one side into wrong bytes: it changes their bytes, headers, messages or order. */

import type {Random} from '../chaos/random.ts';
import {kinds} from '../fixtures/server/server-raw-peer.ts';
import {oddJson} from './odd-json.ts';

const headerSize = 8;

/** Kinds of frames whose payload is not JSON. */
const rawKinds: readonly number[] = [kinds.block, kinds.digestBytes];

/** Changes the list of frames. */
type Mutation = (frames: Buffer[], random: Random) => void;

const mutations: Readonly<Record<string, Mutation>> = {
  message(frames, random) {
    change(frames, random, frame =>
      rawKinds.includes(frame[4] ?? 0) ? flipped(frame, random) : withOddMessage(frame, random),
    );
  },
  'flipped bits': (frames, random) => change(frames, random, frame => flipped(frame, random)),
  'odd byte'(frames, random) {
    change(frames, random, frame => {
      frame[random.between(0, frame.length - 1)] = random.pick([0, 0x7f, 0x80, 0xff, 0x0a, 0x22]);
      return frame;
    });
  },
  length(frames, random) {
    change(frames, random, frame => {
      const length = frame.readUInt32BE();
      const near = [length - 1, length + 1, length * 2].map(value => Math.max(0, value) % 2 ** 32);
      const wrong = random.pick([...near, 0, 7, 39, 40, 262_144, 262_145, 1_048_616, 1_048_617]);
      frame.writeUInt32BE(random.pick([wrong, wrong, 2 ** 31, 2 ** 32 - 1]));
      return frame;
    });
  },
  kind(frames, random) {
    change(frames, random, frame => {
      frame[4] = random.pick([...Object.values(kinds), 0, 0x08, 0x49, 0x50, 0xff]);
      return frame;
    });
  },
  'cut short'(frames, random) {
    change(frames, random, frame => frame.subarray(0, random.between(0, frame.length - 1)));
  },
  'bytes more'(frames, random) {
    change(frames, random, frame => {
      const at = random.between(0, frame.length);
      const more = random.bytes(random.between(1, 64));
      return Buffer.concat([frame.subarray(0, at), more, frame.subarray(at)]);
    });
  },
  garbage(frames, random) {
    frames.splice(random.between(0, frames.length), 0, random.bytes(random.between(1, 70_000)));
  },
  'left out': (frames, random) => void frames.splice(random.between(0, frames.length - 1), 1),
  'once more'(frames, random) {
    const at = random.between(0, frames.length - 1);
    frames.splice(random.between(0, frames.length), 0, ...frames.slice(at, at + 1));
  },
  'out of order'(frames, random) {
    const [taken] = frames.splice(random.between(0, frames.length - 1), 1);
    frames.splice(random.between(0, frames.length), 0, ...(taken === undefined ? [] : [taken]));
  },
};

/** `frames` as bytes, after one to three mutations. The frames themselves do not change. */
export function mutated(frames: readonly Buffer[], random: Random): Buffer {
  const copies = frames.map(frame => Buffer.from(frame));
  for (let left = random.between(1, 3); left > 0 && copies.length > 0; left--) {
    random.pick(Object.values(mutations))(copies, random);
  }

  return Buffer.concat(copies);
}

function change(frames: Buffer[], random: Random, changed: (frame: Buffer) => Buffer): void {
  const at = random.between(0, frames.length - 1);
  const frame = frames[at];
  // An earlier mutation may have cut the frame.
  if (frame !== undefined && frame.length >= headerSize) {
    frames[at] = changed(frame);
  }
}

function flipped(frame: Buffer, random: Random): Buffer {
  for (let left = random.between(1, 4); left > 0; left--) {
    const at = random.between(0, frame.length - 1);
    frame[at] = (frame[at] ?? 0) ^ (1 << random.between(0, 7));
  }

  return frame;
}

/** The frame with another message, and the right length for it. */
function withOddMessage(frame: Buffer, random: Random): Buffer {
  let payload: Buffer;
  try {
    payload = Buffer.from(oddJson(frame.toString('utf8', headerSize), random));
  } catch {
    // An earlier mutation has made the message unreadable.
    return frame;
  }

  const header = Buffer.from(frame.subarray(0, headerSize));
  header.writeUInt32BE(payload.length);
  return Buffer.concat([header, payload]);
}
