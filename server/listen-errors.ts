import {displayName} from '../protocol/display-text.ts';
import {systemErrorCode} from '../protocol/errors.ts';

/** Why a server cannot listen, and what to do, in one line. */
export function describeListenError(
  error: unknown,
  {host, port}: {host: string; port: number},
): Error {
  const shown = displayName(host);
  return new Error(reason(systemErrorCode(error), shown, port) ?? messageOf(error), {cause: error});
}

function reason(code: string | undefined, host: string, port: number): string | undefined {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} of ${host} is in use; stop the program that listens there, or choose another port with --port (0: any free one)`;
    case 'EACCES':
      return `You may not listen on port ${port}; choose one above 1023 with --port`;
    case 'EADDRNOTAVAIL':
      return `${host} is not an address of this machine; choose another one with --host`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `The name ${host} has no address; check --host`;
    default:
      return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? `The server cannot start: ${error.message}` : String(error);
}
