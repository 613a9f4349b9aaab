/** The whole screen, exactly as tall as the terminal: one more line would scroll it in each frame. */
import {Box, useApp, useInput, usePaste, useStdout} from 'ink';
import {
  type ReactNode,
  useEffect,
  useInsertionEffect,
  useLayoutEffect,
  useMemo,
  useSyncExternalStore,
} from 'react';
import type {JobControl} from '../../job-control.ts';
import type {App} from '../model/app.ts';
import type {Screens} from '../model/screens.ts';
import {dimmed} from '../terminal/theme.ts';
import type {Window} from '../terminal/window.ts';
import {Footer} from './bars/footer.tsx';
import {Header} from './bars/header.tsx';
import {isBusy, SignOfLife} from './bars/sign-of-life.tsx';
import {Dialog} from './dialog.tsx';
import {Help} from './help.tsx';
import {type Look, LookContext} from './look.ts';
import {PanesView} from './panes-view.tsx';
import {ServersView} from './servers/servers-view.tsx';
import {TooSmall} from './too-small.tsx';
import {TransferDetails} from './transfers/transfer-details.tsx';

type ScreenProps = {
  readonly screens: Screens;
  readonly job: JobControl;
  readonly window: Window;
  readonly look: Look;
};

const nothing = (): void => {};
const clearScreen = '\u001b[H\u001b[J';
const lineBegin = '\r';

export function Screen({screens, job, window, look}: ScreenProps): ReactNode {
  const {repainter} = screens;
  const subscribe = useMemo(() => repainter.subscribe.bind(repainter), [repainter]);
  const shown = useSyncExternalStore(subscribe, () => screens.shown);
  const {suspendTerminal} = useApp();
  const {stdout} = useStdout();
  // Ink draws from the position of the cursor before it took the screen: in the middle of a line, the first line would
  // wrap and push the frame up. So the cursor moves to the start of a line, before the first frame and at the end: a
  // terminal without an alternate screen would print the shell's prompt over the picture.
  useInsertionEffect(() => {
    stdout.write(clearScreen);
    return () => void stdout.write(clearScreen);
  }, [stdout]);
  // This also runs if a signal ends the program and Ink takes the screen down.
  useLayoutEffect(() => {
    window.take();
    return () => window.giveBack();
  }, [window]);
  useEffect(
    () =>
      job.begin(async meanwhile => {
        window.giveBack();
        await suspendTerminal(async () => {
          await meanwhile();
          // From here on Ink takes the screen again, and draws at once.
          stdout.write(lineBegin);
        });
        // Not earlier: a job that continues in the background stops where Ink asks for the keys.
        window.take();
      }),
    [job, window, suspendTerminal, stdout],
  );
  // run-tui.tsx reads the keys. These two hooks keep the terminal in raw mode, and pasted text in brackets.
  useInput(nothing);
  usePaste(nothing);
  return (
    <LookContext value={look}>
      {shown.name === 'server' ? (
        <ServerView key={shown.visit} app={shown.app} look={look} />
      ) : (
        <ServersView screen={shown.screen} />
      )}
    </LookContext>
  );
}

/** The interface of one server. */
function ServerView({app, look}: {readonly app: App; readonly look: Look}): ReactNode {
  const subscribe = useMemo(() => app.repainter.subscribe.bind(app.repainter), [app]);
  const view = useSyncExternalStore(subscribe, () => app.view());
  const {size, layout, focus} = view;
  const isCovered = view.help !== undefined || view.dialog !== undefined;
  const isBehind = isCovered || view.opened !== undefined;
  const behind = useMemo(
    () => (isBehind ? {...look, theme: dimmed(look.theme)} : look),
    [look, isBehind],
  );
  const footer = (
    <Footer
      covered={view.dialog !== undefined || (view.help !== undefined && view.prompt === undefined)}
      boxed={view.opened !== undefined}
      focus={focus}
      idle={view.idle}
      prompt={view.prompt}
      message={view.message}
      columns={size.columns}
      onTyped={app.typed}
    />
  );
  if (layout.mode === 'tooSmall') {
    return <TooSmall size={size}>{footer}</TooSmall>;
  }

  return (
    <LookContext value={look}>
      <Box flexDirection="column" width={size.columns} height={size.rows} overflowY="hidden">
        <LookContext value={behind}>
          <Header
            server={view.server}
            link={view.link}
            retryInSeconds={view.retryInSeconds}
            queue={view.transfers.queue}
            counting={view.counting}
            columns={size.columns}
          />
          {isBusy(view) ? <SignOfLife /> : null}
          <PanesView view={view} />
          {isBehind ? null : footer}
          {view.opened === undefined ? null : (
            <LookContext value={isCovered ? behind : look}>
              <TransferDetails
                view={view.opened}
                server={view.server}
                isConnected={view.link.name === 'connected'}
                screen={size}
              />
            </LookContext>
          )}
        </LookContext>
        {isBehind ? footer : null}
        {view.help === undefined ? null : <Help view={view.help} screen={size} />}
        {view.dialog === undefined ? null : <Dialog view={view.dialog} screen={size} />}
      </Box>
    </LookContext>
  );
}
