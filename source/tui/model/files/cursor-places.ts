/** The cursor positions of the folders that were left last. */
import type {RemotePath} from '../../../../protocol/remote-path.ts';
import type {CursorPlace} from './folder-cursor.ts';

const maxPlaces = 1000;

export class CursorPlaces {
  readonly #places = new Map<RemotePath, CursorPlace>();

  get(folder: RemotePath): CursorPlace | undefined {
    return this.#places.get(folder);
  }

  keep(folder: RemotePath, place: CursorPlace): void {
    // A map keeps the order of setting: the folder that was left last is the last key.
    this.#places.delete(folder);
    this.#places.set(folder, place);
    const [oldest] = this.#places.keys();
    if (this.#places.size > maxPlaces && oldest !== undefined) {
      this.#places.delete(oldest);
    }
  }
}
