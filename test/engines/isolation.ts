/** What a test with a real engine needs before it can run. */
import {existsSync} from 'node:fs';
import process from 'node:process';

/** The variable that says that this process has namespaces of its own, with everything in them. */
export const ownNamespaces = 'JANGADA_OWN_NAMESPACES';

/** Why a test has to skip that needs namespaces of its own and these programs; false: it need not. */
export function lacks(...programs: string[]): string | false {
  if (process.env[ownNamespaces] !== '1') {
    return 'it needs namespaces of its own: npm run test:engines, as root on Linux';
  }

  const missing = programs.filter(program => !existsSync(program));
  return missing.length > 0 && `not installed: ${missing.join(', ')}`;
}
