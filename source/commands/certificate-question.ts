import {serverName} from '../../protocol/address.ts';
import {displayName} from '../../protocol/display-text.ts';
import type {CertificateError} from '../client/connection/certificate-error.ts';
import {answerLine} from './answer-line.ts';

type Asking = {
  prompt: (text: string) => void;
  input: NodeJS.ReadableStream;
  signal: AbortSignal;
};

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
