import type {Buffer} from 'node:buffer';
import type {Readable, Writable} from 'node:stream';
import {displayName} from '../../../../../protocol/display-text.ts';

/** Lines that ssh writes as it ends. They become part of an error. */
const last =
  /: Permission denied \(|^Host key verification failed|^ssh: |^Connection (?:closed|reset|timed out)/;

/** Show what ssh writes while it asks (for example that a password was wrong) at once: its next question follows. */
export function relayWords(from: Readable, to: Writable): void {
  from.on('data', (bytes: Buffer) => {
    for (const line of bytes.toString('utf8').split(/[\r\n]+/)) {
      if (line !== '' && !last.test(line)) {
        to.write(`${displayName(line)}\n`);
      }
    }
  });
}
