/** Refuses names that Windows would take for something else. */
import {
  isWindowsDevice,
  windowsDropped,
  windowsForbidden,
} from '../../../../protocol/windows-names.ts';

/** Why `path` must not be passed to Windows; undefined if it may be. */
export function whyNotWindowsPath(path: string): string | undefined {
  if (path === '') {
    return undefined;
  }

  for (const name of path.split('/')) {
    if (name.search(windowsForbidden) !== -1) {
      return 'a name has a character that is special on Windows';
    }

    if (windowsDropped.test(name)) {
      return 'a name ends in a dot or a space, which Windows drops';
    }

    if (isWindowsDevice(name)) {
      return 'a name is the name of a device';
    }
  }

  return undefined;
}
