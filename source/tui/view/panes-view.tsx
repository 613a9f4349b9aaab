/** The panes inside their shared walls. */
import {Box} from 'ink';
import {type ReactNode, useContext, useMemo} from 'react';
import type {AppView} from '../model/app.ts';
import type {Pane} from '../model/layout.ts';
import {fitsBeside, messageLine} from './bars/key-line.ts';
import {DetailsPane, detailsHeading} from './details/details-pane.tsx';
import {FilesPane} from './files/files-pane.tsx';
import {filesHeading} from './files/heading.ts';
import {LineView} from './line/line-view.tsx';
import type {Line} from './line/span.ts';
import {LookContext} from './look.ts';
import {TransfersPane, transfersHeading} from './transfers/transfers-pane.tsx';
import {ResultsPane, resultsHeading} from './verifier/results-pane.tsx';
import {VerifierPane, verifierHeading} from './verifier/verifier-pane.tsx';
import {paneWalls} from './walls/pane-walls.ts';
import {Side} from './walls/side.tsx';

type PanesViewProps = {readonly view: AppView};

export function PanesView({view}: PanesViewProps): ReactNode {
  const {layout, focus} = view;
  const {files, verifier, transfers} = layout.panes;
  const [first, second, third, fourth] = useWalls(view);
  const filesPane = (
    <FilesPane
      link={view.link}
      retryInSeconds={view.link.name === 'waiting' ? view.retryInSeconds : 0}
      view={view.files}
      area={files}
      active={focus === 'files'}
      here={view.here}
    />
  );
  const verifierPane =
    view.results !== undefined ? (
      <ResultsPane view={view.results} area={verifier} active={focus === 'verifier'} />
    ) : view.details === undefined ? (
      <VerifierPane view={view.verifier} folder={view.folder} area={verifier} />
    ) : (
      <DetailsPane view={view.details} area={verifier} />
    );
  const transfersPane = (
    <TransfersPane
      view={view.transfers}
      copies={view.copies}
      area={transfers}
      active={focus === 'transfers'}
    />
  );
  const row = (pane: Pane, content: ReactNode): ReactNode => {
    const {rows} = layout.panes[pane];
    return rows === 0 ? null : (
      <Box flexShrink={0} height={rows}>
        <Side height={rows} active={focus === pane} />
        {content}
        <Side height={rows} active={focus === pane} />
      </Box>
    );
  };
  return layout.mode === 'wide' ? (
    <>
      <WallView line={first} />
      <Box flexShrink={0} height={files.rows}>
        <Side height={files.rows} active={focus === 'files'} />
        {filesPane}
        <Side height={files.rows} active={focus !== 'transfers'} />
        {verifierPane}
        <Side height={files.rows} active={focus === 'verifier'} />
      </Box>
      <WallView line={second} />
      {row('transfers', transfersPane)}
      <WallView line={third} />
    </>
  ) : (
    <>
      <WallView line={first} />
      {row('files', filesPane)}
      <WallView line={second} />
      {row('verifier', verifierPane)}
      <WallView line={third} />
      {row('transfers', transfersPane)}
      <WallView line={fourth} />
    </>
  );
}

function WallView({line}: {readonly line: Line | undefined}): ReactNode {
  return line === undefined ? null : <LineView line={line} />;
}

/** The walls, made again only if their content has changed. */
function useWalls({layout, focus, size, folder, ...view}: AppView): readonly Line[] {
  const look = useContext(LookContext);
  const {columns} = size;
  const {message, idle} = view;
  // An overlay over the panes leaves the bottom line to a message.
  const isCovered =
    view.dialog !== undefined || view.help !== undefined || view.opened !== undefined;
  const isTyped = view.prompt !== undefined;
  // A message that does not fit beside the keys is shown in the wall above them.
  const foot = useMemo(
    () =>
      message === undefined ||
      isCovered ||
      (!isTyped && fitsBeside(look.glyphs, {focus, idle, message, columns}))
        ? []
        : messageLine(look.glyphs, message),
    [look, focus, idle, message, columns, isCovered, isTyped],
  );
  const {panes} = layout;
  const files = useMemo(
    () => filesHeading(look, view.files, panes.files.columns, focus === 'files'),
    [look, view.files, panes, focus],
  );
  const verifier = useMemo(() => {
    const active = focus === 'verifier';
    if (view.results !== undefined) {
      return resultsHeading(look, view.results, panes.verifier, active);
    }

    return view.details === undefined
      ? verifierHeading(look, view.verifier, panes.verifier, active)
      : detailsHeading(look, view.details, panes.verifier, active);
  }, [look, view.verifier, view.results, view.details, panes, focus]);
  const transfers = useMemo(() => {
    const active = focus === 'transfers';
    return transfersHeading(look, view.transfers, {folder, area: panes.transfers, columns, active});
  }, [look, view.transfers, folder, panes, columns, focus]);
  return useMemo(
    () => paneWalls(look, {layout, focus, columns, headings: {files, verifier, transfers}, foot}),
    [look, layout, focus, columns, files, verifier, transfers, foot],
  );
}
