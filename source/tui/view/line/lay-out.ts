/**
 * Room on a line for parts that do not all fit: they claim it in the order of their worth, so that
 * no part ever lies over another, and the one that is worth least goes first.
 */
import {type Line, lineWidth} from './span.ts';

/**
 * A wish for room. A part may claim first the little that it needs, and behind the needs of others
 * what it would like: the later claim counts if there is room for it.
 */
export type Claim<Place> = {
  readonly place: Place;
  /** The part in at most `columns`; undefined, or a longer line, if they are too few. */
  readonly line: (columns: number) => Line | undefined;
};

/** The parts that have room in `columns`, with `gap` columns between each two of them. */
export function layOut<Place>(
  claims: ReadonlyArray<Claim<Place>>,
  columns: number,
  gap: number,
): ReadonlyMap<Place, Line> {
  const taken = new Map<Place, Line>();
  for (const {place, line} of claims) {
    let room = columns;
    for (const [other, part] of taken) {
      room -= other === place ? 0 : lineWidth(part) + gap;
    }

    const part = line(room);
    if (part !== undefined && lineWidth(part) > 0 && lineWidth(part) <= room) {
      taken.set(place, part);
    }
  }

  return taken;
}
