/**
 * Room on the disks that downloads are saved to. Each download claims the bytes that it still needs, so that two
 * downloads that fit only one after the other do not both stop half way.
 */
import prettyBytes from 'pretty-bytes';
import {JangadaError} from '../../../protocol/errors.ts';
import {notation} from '../../../protocol/program/notation.ts';
import type {OpenFolder} from './folders/target-folder.ts';

type Claim = {device: number; neededBytes: () => number};

export class Room {
  readonly #claims = new Set<Claim>();

  /** Free bytes without the claimed ones, and the device; undefined if the system does not report them. */
  free(folder: OpenFolder): {device: number; bytes: number} | undefined {
    const disk = folder.disk();
    if (disk === undefined) {
      return undefined;
    }

    let bytes = disk.freeBytes;
    for (const claim of this.#claims) {
      bytes -= claim.device === disk.device ? Math.max(0, claim.neededBytes()) : 0;
    }

    return {device: disk.device, bytes: Math.max(0, bytes)};
  }

  /**
   * Claim room, until the claim is disposed of.
   *
   * @param neededBytes returns the bytes that are still needed at the time of the call.
   * @throws JangadaError `no_space`.
   */
  claim(folder: OpenFolder, neededBytes: () => number): Disposable {
    const free = this.free(folder);
    if (free === undefined) {
      return {[Symbol.dispose]() {}};
    }

    if (neededBytes() > free.bytes) {
      throw noSpace(folder.path, neededBytes(), free.bytes);
    }

    const claim = {device: free.device, neededBytes};
    this.#claims.add(claim);
    return {[Symbol.dispose]: () => this.#claims.delete(claim)};
  }
}

/** The error for a file that does not fit. Sizes in bytes. */
export function noSpace(folder: string, neededBytes: number, freeBytes: number): JangadaError {
  return new JangadaError(
    'no_space',
    `${folder}: ${inUnits(neededBytes)} more are needed, and ${inUnits(freeBytes)} are free`,
  );
}

/** The reason why a file failed for lack of room, if nothing waits for room any longer. */
export function leftWithoutRoom(noRoom: string): string {
  // If the disk filled up during a write, the text already has that advice.
  return noRoom.includes('make room') ? noRoom : `${noRoom}; make room and run it again`;
}

function inUnits(bytes: number): string {
  return prettyBytes(bytes, {binary: notation().sizes === 'binary'});
}
