import {createInterface} from 'node:readline';
import {serverName} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import type {CertificateError} from '../client/connection/certificate-error.ts';

type Asking = {
  prompt: (text: string) => void;
  input: Input;
  signal: AbortSignal;
};

type Input = NodeJS.ReadableStream & {readonly readableEnded: boolean};

/** Ask whether a server that is seen for the first time is the one that is meant. No answer means no. */
export async function askAboutCertificate(
  {fingerprint, server}: CertificateError,
  {prompt, input, signal}: Asking,
): Promise<boolean> {
  prompt(
    `${displayName(serverName(server))} is not known here. Its certificate has the fingerprint\n` +
      `  sha256:${fingerprint}\n` +
      'Compare it with the one that jangada-server prints there. Trust it from now on? (yes/no) ',
  );
  const answer = await answerLine(input, signal);
  if (answer === undefined) {
    prompt('\n');
  }

  return /^y(?:es)?$/i.test(answer?.trim() ?? '');
}

/**
 * The next line of `input`; undefined if it ends without one, or `signal` is aborted. Lines are read, not
 * keys: Ctrl-C stays a signal.
 */
async function answerLine(input: Input, signal: AbortSignal): Promise<string | undefined> {
  if (input.readableEnded) {
    // The question before has found the end, which is not told again.
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
