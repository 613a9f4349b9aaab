/** What a test with a real engine needs before it can run. */
import {spawnSync} from 'node:child_process';
import {existsSync} from 'node:fs';
import process from 'node:process';

/** The variable that says that this process has namespaces of its own, with everything in them. */
export const ownNamespaces = 'JANGADA_OWN_NAMESPACES';

/** The shell is the first process, which takes the statuses of daemons that have ended. */
const words = [
  ...['setpriv', '--pdeathsig', 'KILL'],
  ...['unshare', '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc'],
  ...['bash', '-c', 'ip link set lo up && "$@"; exit $?', 'engines'],
];

/** The words in front of a command that has namespaces of its own and ends with this process; none where it cannot. */
export const isolation: readonly string[] =
  spawnSync(words[0] ?? '', [...words.slice(1), 'true']).status === 0 ? words : [];

/** Why a test has to skip that needs namespaces of its own and these programs; false: it need not. */
export function lacks(...programs: string[]): string | false {
  if (process.env[ownNamespaces] !== '1') {
    return 'it needs namespaces of its own: npm run test:engines, as root on Linux';
  }

  const missing = programs.filter(program => !existsSync(program));
  return missing.length > 0 && `not installed: ${missing.join(', ')}`;
}
