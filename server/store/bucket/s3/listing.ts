/** Parses and checks XML from the service: answers to ListObjectsV2, and errors. */
import {SaxesParser} from 'saxes';
import * as z from 'zod';
import {unescapedKey} from './keys-in-urls.ts';
import {odd} from './s3-errors.ts';

/** An object, or a `folder`: a common prefix of keys. */
export type Listed = ListedObject | {kind: 'folder'; key: string};

export type ListedObject = {kind: 'object'; key: string; size: number; mtimeMs: number};

export type KeyPage = {
  /** In the byte order of keys, without keys that are not UTF-8. */
  items: Listed[];
  /** The token for the next page; undefined if this is the last one. */
  next: string | undefined;
};

/** The most keys in one page. */
export const pageKeys = 1000;

/** A page has at most 1,000 keys of 1,024 bytes, with three bytes for each escaped byte. */
export const mostXmlBytes = 8_388_608;

const contents = z.object({
  Key: z.string(),
  Size: z.string().regex(/^\d{1,15}$/),
  LastModified: z.string(),
});

const result = z.object({
  Contents: z.array(contents).max(pageKeys),
  CommonPrefixes: z.array(z.object({Prefix: z.string()})).max(pageKeys),
  IsTruncated: z.enum(['true', 'false']),
  NextContinuationToken: z.string().min(1).max(4096).optional(),
  EncodingType: z.string().optional(),
});

/** @throws JangadaError `internal`. */
export function parseListing(xml: string): KeyPage {
  const found = result.safeParse(listingIn(xml));
  if (!found.success) {
    throw odd('a field of the listing is missing or not valid', found.error);
  }

  const {Contents, CommonPrefixes, IsTruncated, EncodingType, NextContinuationToken} = found.data;
  const keyOf = EncodingType === 'url' ? unescapedKey : (text: string) => text;
  const objects = Contents.flatMap(({Key, Size, LastModified}): Listed[] => {
    const key = keyOf(Key);
    const mtimeMs = wholeSecond(Date.parse(LastModified));
    return key === undefined ? [] : [{kind: 'object', key, size: Number(Size), mtimeMs}];
  });
  const folders = CommonPrefixes.flatMap(({Prefix}): Listed[] => {
    const key = keyOf(Prefix);
    return key === undefined ? [] : [{kind: 'folder', key}];
  });
  if (IsTruncated === 'true' && NextContinuationToken === undefined) {
    throw odd('the listing has a next page but does not name it');
  }

  return {
    items: folders.length === 0 ? objects : [...objects, ...folders].sort(byKey),
    next: IsTruncated === 'true' ? NextContinuationToken : undefined,
  };
}

/** The time in milliseconds, without the fraction of a second, which only listings have; 0 if `ms` is not a time. */
export function wholeSecond(ms: number): number {
  return Number.isFinite(ms) ? Math.floor(ms / 1000) * 1000 : 0;
}

/** The code and the region in an error answer; empty if the XML is not an S3 error. */
export function parseRefusal(xml: string): {code: string; region: string | undefined} {
  try {
    const {Code = '', Region} = fieldsIn(xml);
    const isName = (text: string) => /^[\w.-]{1,64}$/.test(text);
    return {
      code: isName(Code) ? Code : '',
      region: Region !== undefined && isName(Region) ? Region : undefined,
    };
  } catch {
    // A balancer may answer with its own page instead of XML.
    return {code: '', region: undefined};
  }
}

function byKey(one: Listed, other: Listed): number {
  return Buffer.compare(Buffer.from(one.key), Buffer.from(other.key));
}

type Fields = Record<string, string>;

/** The elements of a listing, as records of texts. */
function listingIn(xml: string): unknown {
  const Contents: Fields[] = [];
  const CommonPrefixes: Fields[] = [];
  const listing: Fields = {};
  readElements(xml, (path, text, record) => {
    const [, element] = path;
    if (path.length === 3 && (element === 'Contents' || element === 'CommonPrefixes')) {
      record[path[2] ?? ''] = text;
    } else if (path.length === 2 && element === 'Contents') {
      Contents.push(record);
    } else if (path.length === 2 && element === 'CommonPrefixes') {
      CommonPrefixes.push(record);
    } else if (path.length === 2 && element !== undefined) {
      listing[element] = text;
    } else if (path.length === 1 && element === undefined && path[0] !== 'ListBucketResult') {
      throw odd(`it is not a listing`);
    }
  });
  return {...listing, Contents, CommonPrefixes};
}

/** The elements below the outermost one. */
function fieldsIn(xml: string): Fields {
  const fields: Fields = {};
  readElements(xml, (path, text) => {
    if (path.length === 2) {
      fields[path[1] ?? ''] = text;
    }
  });
  return fields;
}

/** S3 sends no deeper elements than this. */
const mostDeep = 16;

/**
 * Read all elements. Calls `closed` for each element with the names on its path (its own name last), its text, and a
 * record that all elements within one second-level element share.
 *
 * @throws JangadaError `internal` for bytes that are not XML.
 */
function readElements(
  xml: string,
  closed: (path: readonly string[], text: string, record: Fields) => void,
): void {
  const path: string[] = [];
  let text = '';
  let record: Fields = {};
  // Services write control characters in keys as references, which XML 1.0 does not allow.
  const parser = new SaxesParser({defaultXMLVersion: '1.1', forceXMLVersion: true});
  parser.on('error', error => {
    throw odd('it is not XML', error);
  });
  parser.on('opentag', ({name}) => {
    path.push(name);
    text = '';
    if (path.length === 2) {
      record = Object.create(null);
    } else if (path.length > mostDeep) {
      throw odd('its XML is too deep');
    }
  });
  parser.on('text', part => {
    text += part;
  });
  parser.on('closetag', () => {
    closed(path, text, record);
    path.pop();
    text = '';
  });
  // In XML 1.1 these two characters are line ends unless they are references.
  parser.write(xml.replace(/[\u0085\u2028]/g, sign => `&#${sign.charCodeAt(0)};`)).close();
}
