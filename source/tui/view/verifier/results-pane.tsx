/** The verifier with a list of many files and their copies; results that need an answer come first. */
import {Box} from 'ink';
import {memo, type ReactNode, useContext} from 'react';
import type {Size} from '../../model/layout.ts';
import type {VerifyListView} from '../../model/verifier/verify-list.ts';
import {formatPercent, plural} from '../../text/format.ts';
import {say} from '../../text/say.ts';
import {Rows} from '../line/line-view.tsx';
import {type Line, lineWidth, span} from '../line/span.ts';
import {type Look, LookContext} from '../look.ts';
import {paneTitle} from '../walls/pane-title.ts';
import type {Heading} from '../walls/wall.ts';
import {isRunning, resultHead, resultLine, verdictSpans} from './result-lines.ts';

type ResultsPaneProps = {
  readonly view: VerifyListView;
  readonly area: Size;
  readonly active: boolean;
};

export const ResultsPane = memo(function ResultsPane(props: ResultsPaneProps): ReactNode {
  const {view, area, active} = props;
  const {columns, rows} = area;
  const look = useContext(LookContext);
  const lines = [
    ...resultHead(look, view, area).map(line => ({line: [span(say` `), ...line]})),
    ...view.rows.map((row, index) => {
      const cursor = active && index === view.cursor;
      return {line: resultLine(look, row, {columns: columns - 1, cursor}), cursor};
    }),
  ];
  return (
    <Box flexDirection="column" width={columns} height={rows} flexShrink={0} overflowY="hidden">
      <Rows rows={lines.slice(0, rows)} columns={columns} />
    </Box>
  );
});

/** Title and number of files; for a folded pane the number that differ, or the progress. */
export function resultsHeading(
  look: Look,
  view: VerifyListView,
  {columns, rows}: Size,
  active: boolean,
): Heading {
  const aside = rows === 0 ? asideOf(look, view) : [];
  const title = [paneTitle('verifier', active)];
  const files = span(say` ${plural(view.files, 'file')}`, active ? 'accent' : 'faint');
  const fits = lineWidth(title) + lineWidth([files]) + lineWidth(aside) + 8 <= columns;
  return {title: fits ? [...title, files] : title, aside};
}

function asideOf(look: Look, view: VerifyListView): Line {
  return isRunning(view)
    ? [span(say`checking ${formatPercent(view.doneBytes, view.bytes)}`, 'accent')]
    : verdictSpans(look, view).slice(0, 1);
}
