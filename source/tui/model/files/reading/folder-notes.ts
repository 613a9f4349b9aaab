/** Problems with the folder on the screen: each takes a line below its entries. */
import type {FilesView} from '../files-view.ts';
import type {FolderListing} from '../folder-listing.ts';
import type {FolderReader} from './folder-reader.ts';

type Shown = {
  readonly listing: FolderListing;
  readonly reader: Pick<FolderReader, 'isQuiet' | 'error'>;
};

/** A note about the folder as a whole. */
export function folderNote({listing, reader}: Shown): FilesView['note'] {
  const {isFull, search, beyond} = listing;
  return isFull && (search === undefined || beyond > 0)
    ? 'full'
    : reader.isQuiet
      ? 'quiet'
      : undefined;
}

/** Lines for all problems, and the line that says that there is no connection. */
export function noteLines({
  listing,
  reader,
  isOffline,
}: Shown & {readonly isOffline: boolean}): number {
  const {refused, unsearched, visible} = listing;
  const notes = [refused, unsearched, folderNote({listing, reader})];
  return (
    notes.filter(note => note !== undefined).length +
    (visible.size > 0 && (isOffline || reader.error !== undefined) ? 1 : 0)
  );
}
