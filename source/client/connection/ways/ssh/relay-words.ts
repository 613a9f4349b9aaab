import type {Buffer} from 'node:buffer';
import type {Readable, Writable} from 'node:stream';
import {displayName} from '../../../../../protocol/display-text.ts';

/** Lines with which ssh ends: they become part of an error. */
const last =
  /: Permission denied \(|^Host key verification failed|^ssh: |^Connection (?:closed|reset|timed out)/;

/**
 * Show what ssh says while it asks, such as that a password was wrong, as it comes: its question stands behind.
 */
export function relayWords(from: Readable, to: Writable): void {
  from.on('data', (bytes: Buffer) => {
    for (const line of bytes.toString('utf8').split(/[\r\n]+/)) {
      if (line !== '' && !last.test(line)) {
        to.write(`${displayName(line)}\n`);
      }
    }
  });
}
