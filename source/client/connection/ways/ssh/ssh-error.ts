/** Finds the reason why ssh, or the program that it started, has ended. */
import {type SshServer, serverName} from '../../../../../protocol/address.ts';
import {displayName} from '../../../../../protocol/display-text.ts';
import {type ErrorCode, JangadaError} from '../../../../../protocol/errors.ts';
import {lost} from '../../link-error.ts';

/** How an ssh process has ended. */
export type SshEnd = {
  /**
   * The exit status, or the signal. ssh uses 255 for its own errors, and otherwise the status of the remote program.
   */
  readonly status: number | string;
  /** The last lines of standard error. */
  readonly lines: readonly string[];
};

type Circumstances = {
  readonly remoteCommand: string;
  /** Whether the server has answered before. */
  readonly hasAnswered: boolean;
  /** Whether ssh ran with the option that forbids questions. */
  readonly isSilent: boolean;
};

/** @returns `unreachable`, `unauthorized` or `untrusted`; `connection_lost` if the server had answered before. */
export function sshError(
  server: SshServer,
  end: SshEnd,
  {hasAnswered, isSilent, remoteCommand}: Circumstances,
): JangadaError {
  const said = lastLine(end.lines);
  if (hasAnswered) {
    return lost(said ?? 'ssh has ended');
  }

  const own = serverLine(end.lines);
  if (own !== undefined) {
    return failure(server, 'unreachable', `jangada-server on that machine says: ${own}`, own);
  }

  if (end.status !== 255) {
    return programError(server, end, remoteCommand);
  }

  const text = end.lines.join('\n');
  if (/Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/i.test(text)) {
    return untrusted(server, text);
  }

  if (/Session open refused by peer/.test(text)) {
    const host = displayName(server.host);
    return new JangadaError(
      'busy',
      `sshd on ${host} allows no more sessions on one connection (MaxSessions): use fewer --connections and --files`,
    );
  }

  if (
    /Permission denied|Too many authentication failures|No more authentication methods/i.test(text)
  ) {
    const advice = isSilent
      ? '. Keys and agents need no question; for a password or a passphrase start jangada again with this address, so that ssh can ask'
      : '';
    return failure(
      server,
      'unauthorized',
      `${said?.replace(/\.$/, '') ?? 'Permission denied'}${advice}`,
      'ssh was not allowed to log in',
    );
  }

  return failure(server, 'unreachable', said ?? 'ssh ended without an error message');
}

/** The program was not found, or ended without an error line of its own. */
function programError(server: SshServer, {lines, status}: SshEnd, command: string): JangadaError {
  const said = lastLine(lines);
  if (
    status === 127 ||
    (said !== undefined && /command not found|: not found|Unknown command/i.test(said))
  ) {
    const host = displayName(server.host);
    return failure(
      server,
      'unreachable',
      `${command === defaultCommand ? 'jangada-server is not installed on' : `${displayName(command)} does not exist on`} ${host}. ` +
        'Run npm install -g jangada on that machine, or give its path with --remote-command',
      'jangada-server is not installed there',
    );
  }

  const how = typeof status === 'string' ? `was ended by ${status}` : `ended with status ${status}`;
  return failure(server, 'unreachable', said ?? `${displayName(command)} ${how}`);
}

export const defaultCommand = 'jangada-server';

function untrusted(server: SshServer, text: string): JangadaError {
  const isChanged = /IDENTIFICATION HAS CHANGED/i.test(text);
  const why = isChanged
    ? 'its host key is not the one that ssh knows. Another machine may be intercepting the connection, or the host has a new key: read what ssh says'
    : 'ssh does not know its host key. Log in once with ssh, which asks whether the key is right';
  return failure(
    server,
    'untrusted',
    `${why}: ssh ${displayName(server.host)}`,
    'ssh does not know its host key',
  );
}

function failure(server: SshServer, code: ErrorCode, why: string, brief = why): JangadaError {
  return new JangadaError(code, `No connection to ${displayName(serverName(server))}: ${why}`, {
    brief,
  });
}

/** The last error line of jangada-server, without its prefix. */
function serverLine(lines: readonly string[]): string | undefined {
  const line = lines.findLast(line => /^jangada(?:-server)?: /.test(line));
  return line === undefined ? undefined : displayName(line.replace(/^[\w-]+: /, ''));
}

function lastLine(lines: readonly string[]): string | undefined {
  const line =
    lines.findLast(line => /^\w*Error(?: \[\w+\])?: /.test(line)) ??
    lines.findLast(line => !saysLittle.test(line)) ??
    lines.at(-1);
  return line === undefined ? undefined : displayName(line.slice(0, mostShown));
}

/** Lines that do not give the reason: they only say that a connection closed, or are lines of the server's log. */
const saysLittle =
  /^(?:Connection closed\.?|Shared connection to .* closed\.|Node\.js v[\d.]+|\{"level".*)$/;

/** Most characters of a line that are shown. */
const mostShown = 300;
