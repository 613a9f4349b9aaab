/** The shared walls of the panes, from top to bottom, as lines: see the pictures in layout.ts. */
import {type Layout, type Pane, panes} from '../../model/layout.ts';
import type {Line} from '../line/span.ts';
import type {Look} from '../look.ts';
import {type Heading, wallLine} from './wall.ts';

export type PaneHeadings = Readonly<Record<Pane, Heading>>;

type Walls = {
  readonly layout: Layout;
  readonly focus: Pane;
  readonly columns: number;
  readonly headings: PaneHeadings;
  /** Words in the lowest wall. */
  readonly foot: Line;
};

/** A wall above each row of panes, and the lowest wall unless the last pane is folded. */
export function paneWalls(look: Look, walls: Walls): Line[] {
  return walls.layout.mode === 'wide' ? wideWalls(look, walls) : stackedWalls(look, walls);
}

function wideWalls(look: Look, {layout, focus, columns, headings, foot}: Walls): Line[] {
  const {corners, tees} = look.glyphs;
  const {files, verifier} = layout.panes;
  const last = columns - 1;
  const between = files.columns + 1;
  const whole = {from: 1, columns: columns - 2};
  const ofTransfers = focus === 'transfers' ? ([0, last] as const) : undefined;
  const ofUpper = focus === 'files' ? ([0, between] as const) : ([between, last] as const);
  return [
    wallLine(look, {
      columns,
      ends: [corners.topLeft, corners.topRight],
      joint: {at: between, sign: tees.down},
      headings: [
        {...headings.files, from: 1, columns: files.columns},
        {...headings.verifier, from: verifier.left, columns: verifier.columns},
      ],
      active: focus === 'transfers' ? undefined : ofUpper,
    }),
    wallLine(look, {
      columns,
      ends: [tees.right, tees.left],
      joint: {at: between, sign: tees.up},
      headings: [{...headings.transfers, ...whole}],
      active: ofTransfers ?? ofUpper,
    }),
    wallLine(look, {
      columns,
      ends: [corners.bottomLeft, corners.bottomRight],
      headings: [{title: foot, aside: [], ...whole}],
      active: ofTransfers,
    }),
  ];
}

function stackedWalls(look: Look, {layout, focus, columns, headings, foot}: Walls): Line[] {
  const {corners, tees} = look.glyphs;
  const whole = {from: 1, columns: columns - 2};
  const isLastFolded = layout.panes.transfers.rows === 0;
  // Words in the lowest wall are more important than the title of a folded pane there.
  const words = isLastFolded && foot.length > 0 ? {title: foot, aside: []} : headings.transfers;
  const lowest = [corners.bottomLeft, corners.bottomRight] as const;
  const walls = panes.map((pane, index) => {
    const lower = isLastFolded && index === panes.length - 1 ? lowest : undefined;
    const upper = index === 0 ? ([corners.topLeft, corners.topRight] as const) : undefined;
    return wallLine(look, {
      columns,
      ends: lower ?? upper ?? [tees.right, tees.left],
      headings: [{...(pane === 'transfers' ? words : headings[pane]), ...whole}],
      active: pane === focus || panes[index - 1] === focus ? [0, columns] : undefined,
    });
  });
  const last = wallLine(look, {
    columns,
    ends: lowest,
    headings: [{title: foot, aside: [], ...whole}],
    active: focus === 'transfers' ? [0, columns] : undefined,
  });
  return isLastFolded ? walls : [...walls, last];
}
