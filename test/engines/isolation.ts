/** Checks whether this system has what a test with a real engine needs. */
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import process from 'node:process';

/** This variable is 1 if this process has its own namespaces, with all of the test inside. */
export const ownNamespaces = 'JANGADA_OWN_NAMESPACES';

/** The first process in the namespaces is the shell, because it collects daemons that have ended. */
const words = [
  ...['setpriv', '--pdeathsig', 'KILL'],
  ...['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
  ...['bash', '-c', 'ip link set lo up && "$@"; exit $?', 'engines'],
];

/** The words to put before a command, so that it has its own namespaces and ends with this process. Empty if impossible. */
export const isolation: readonly string[] =
  spawnSync(words[0] ?? '', [...words.slice(1), 'true']).status === 0 ? words : [];

/** Why a test that needs its own namespaces and these programs must be skipped; false if it can run. */
export function lacks(...programs: string[]): string | false {
  if (process.env[ownNamespaces] !== '1') {
    return 'it needs namespaces of its own: npm run test:engines, as root on Linux';
  }

  return notInstalled(programs);
}

/** Which of these programs are not there, as the reason to skip a test; false if all are. */
export function notInstalled(programs: readonly string[]): string | false {
  const missing = programs.filter(program => !existsSync(program));
  return missing.length > 0 && `not installed: ${missing.join(', ')}`;
}
