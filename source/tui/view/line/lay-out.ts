/**
 * Distributes the room on a line among parts that do not all fit. Parts claim room in order of importance, so that no
 * part covers another, and the least important one is left out first.
 */
import {type Line, lineWidth} from './span.ts';

/**
 * A claim for room. A part may first claim its minimum, and later, after the minimum of other parts, the room that it
 * would like: the later claim replaces the first if it fits.
 */
export type Claim<Place> = {
  readonly place: Place;
  /** The part in at most `columns`; undefined, or a longer line, if these are too few. */
  readonly line: (columns: number) => Line | undefined;
};

/** The parts that fit in `columns`, with `gap` columns between neighbours. */
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
