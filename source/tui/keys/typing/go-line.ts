/** The line for a path to go to. */
import {type RemotePath, rootPath} from '../../../../protocol/remote-path.ts';
import type {Parts} from '../../model/parts.ts';
import {typedPath} from '../../model/typing/typed-path.ts';
import {say} from '../../text/say.ts';

export type Going = Pick<Parts, 'browser' | 'remote' | 'panes'>;

export function typePath(parts: Going & Pick<Parts, 'prompt'>): void {
  const {browser, remote, prompt} = parts;
  let go = (): void => {};
  prompt.open({
    label: say`Go to:`,
    hint: say`/a/b, or a path from this folder on. Tab completes, Enter goes there`,
    text: '',
    complete: (before, signal) => remote.complete(before, browser.path, signal),
    async check(text, signal) {
      const path = typedPath(text, {folder: browser.path, server: remote.server});
      go = text === '' ? () => {} : await wayTo(parts, path, signal);
      return undefined;
    },
    onEnter: () => go(),
  });
}

/** What goes to a path. */
type Goer = {
  readonly browser: Pick<Parts['browser'], 'dropHeld' | 'open' | 'openAt'>;
  readonly remote: Pick<Parts['remote'], 'typeAt'>;
  readonly panes: Pick<Parts['panes'], 'focusOn'>;
};

/**
 * The way to show `path`: the folder itself, or a file in its folder.
 *
 * @throws JangadaError as `RemotePaths.typeAt` does.
 */
export async function wayTo(
  {browser, remote, panes}: Goer,
  path: RemotePath,
  signal: AbortSignal,
): Promise<() => void> {
  const type = await remote.typeAt(path, signal);
  return () => {
    // Keys that wait for the folder on the screen are not meant for another one.
    browser.dropHeld();
    if (type === 'folder' || path === rootPath) {
      browser.open(path);
    } else {
      browser.openAt(path);
    }

    panes.focusOn('files');
  };
}
