/**
 * The whole screen, exactly as tall as the terminal: one line more would scroll it at each
 * frame.
 */
import {Box, Text, useApp, useInput, usePaste, useStdout} from 'ink';
import {type ReactNode, useEffect, useInsertionEffect, useMemo, useSyncExternalStore} from 'react';
import type {JobControl} from '../../job-control.ts';
import type {App} from '../model/app.ts';
import {minimum} from '../model/layout.ts';
import {Dialog} from './dialog.tsx';
import {FilesPane} from './files-pane.tsx';
import {Footer} from './footer.tsx';
import {Header} from './header.tsx';
import {Help} from './help.tsx';
import {type Look, LookContext} from './look.ts';
import {TransfersPane} from './transfers-pane.tsx';
import {VerifierPane} from './verifier-pane.tsx';

type ScreenProps = {readonly app: App; readonly job: JobControl; readonly look: Look};

const nothing = (): void => {};
const cursorHome = '\u001b[H';
const lineBegin = '\r';

export function Screen({app, job, look}: ScreenProps): ReactNode {
  const subscribe = useMemo(() => app.repainter.subscribe.bind(app.repainter), [app]);
  const view = useSyncExternalStore(subscribe, () => app.view());
  const {suspendTerminal} = useApp();
  const {stdout} = useStdout();
  // Ink draws from where the cursor was before it took the screen: in the middle of a line, the first
  // line would wrap and push the frame up. This is written before the first frame.
  useInsertionEffect(() => void stdout.write(cursorHome), [stdout]);
  useEffect(
    () =>
      job.begin(meanwhile =>
        suspendTerminal(async () => {
          await meanwhile();
          // From here Ink takes the screen again, and draws at once.
          stdout.write(lineBegin);
        }),
      ),
    [job, suspendTerminal, stdout],
  );
  // Keys are read in run-tui.tsx. These two keep the terminal in raw mode and pasted text in brackets.
  useInput(nothing);
  usePaste(nothing);
  const {size, layout, focus} = view;
  if (layout.mode === 'tooSmall') {
    return (
      <Box width={size.columns} height={size.rows} overflowY="hidden">
        <Text wrap="truncate-end">
          Too small: {minimum.columns} x {minimum.rows} is needed.
        </Text>
      </Box>
    );
  }

  const {panes} = layout;
  const files = (
    <FilesPane
      link={view.link}
      view={view.files}
      size={panes.files}
      active={focus === 'files'}
      transfers={view.fileTransfers}
    />
  );
  const verifier = (
    <VerifierPane
      view={view.verifier}
      folder={view.folder}
      size={panes.verifier}
      active={focus === 'verifier'}
    />
  );
  return (
    <LookContext value={look}>
      <Box flexDirection="column" width={size.columns} height={size.rows} overflowY="hidden">
        <Header
          server={view.server}
          link={view.link}
          retryInSeconds={view.retryInSeconds}
          queue={view.transfers.queue}
          counting={view.counting}
          columns={size.columns}
        />
        {layout.mode === 'wide' ? (
          <Box flexShrink={0}>
            {files}
            {verifier}
          </Box>
        ) : (
          <>
            {files}
            {verifier}
          </>
        )}
        <TransfersPane
          view={view.transfers}
          folder={view.folder}
          size={panes.transfers}
          active={focus === 'transfers'}
        />
        <Footer
          covered={view.help !== undefined || view.dialog !== undefined}
          focus={focus}
          prompt={view.prompt}
          message={view.message}
          columns={size.columns}
        />
        {view.help === undefined ? null : <Help offset={view.help} screen={size} />}
        {view.dialog === undefined ? null : <Dialog view={view.dialog} screen={size} />}
      </Box>
    </LookContext>
  );
}
