import {createInterface} from 'node:readline';

/**
 * The next line of `input`; undefined if it ends without one, or `signal` is aborted. Lines are read, not
 * keys: Ctrl-C stays a signal.
 */
export async function answerLine(
  input: NodeJS.ReadableStream,
  signal: AbortSignal,
): Promise<string | undefined> {
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
