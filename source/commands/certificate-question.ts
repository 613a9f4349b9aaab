import {createInterface} from 'node:readline';
import {serverName} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import {throwIfAborted} from '../../protocol/errors.ts';
import type {CertificateError} from '../client/connection/certificate-error.ts';

type Asking = {
  prompt: (text: string) => void;
  input: Input;
  signal: AbortSignal;
};

type Input = NodeJS.ReadableStream & {readonly readableEnded: boolean};

/**
 * Ask the user whether a server that is new to jangada is the right one. No answer means no.
 *
 * @throws JangadaError `aborted`.
 */
export async function askAboutCertificate(
  {fingerprint, server}: CertificateError,
  {prompt, input, signal}: Asking,
): Promise<boolean> {
  throwIfAborted(signal);
  prompt(
    `${displayName(serverName(server))} is a new server for this user. Its certificate has the fingerprint\n` +
      `  sha256:${fingerprint}\n` +
      'Compare it with the fingerprint that jangada-server prints on that machine. Trust it from now on? (yes/no) ',
  );
  const answer = await answerLine(input, signal);
  if (answer === undefined) {
    prompt('\n');
    throwIfAborted(signal);
  }

  return /^y(?:es)?$/i.test(answer?.trim() ?? '');
}

/**
 * The next line of `input`; undefined if `input` ends without one, or `signal` is aborted. Lines are read, not keys:
 * Ctrl-C stays a signal.
 */
async function answerLine(input: Input, signal: AbortSignal): Promise<string | undefined> {
  if (input.readableEnded) {
    // An earlier question has read the end, and the stream does not report it again.
    return undefined;
  }

  const lines = createInterface({input, terminal: false});
  const stop = () => lines.close();
  signal.addEventListener('abort', stop);
  try {
    for await (const line of lines) {
      return line;
    }

    return undefined;
  } finally {
    signal.removeEventListener('abort', stop);
    lines.close();
  }
}
