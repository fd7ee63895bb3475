import { WaybillError } from '@waybill/kernel';

/** A registry while it is asked. */
export interface Contact {
  /** As people call it. */
  readonly registry: string;
  /** May what belongs to it be asked without encryption? */
  readonly isPlain: (host: string) => boolean;
}

export interface Message {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent to the origin of the first address only. */
  readonly authorization?: string | undefined;
  readonly body?: URLSearchParams;
}

const REDIRECTS = [301, 302, 303, 307, 308];
const MOST_REDIRECTS = 5;
const ANSWER_WITHIN = 30_000;

/**
 * Sends a request and follows where it is led; the answer's body is still to be read. Whoever shows something shows it to the first host alone, for
 * registries lead to stores of others.
 * @throws WaybillError `registry-unreachable`, `registry-insecure`
 */
export async function send(contact: Contact, first: URL, message: Message): Promise<Response> {
  const { method = 'GET', headers = {}, authorization, body } = message;
  let at = first;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    mustBeSafe(contact, at, first);
    const shown = authorization !== undefined && at.origin === first.origin ? { authorization } : {};
    const response = await answered(contact, at, {
      method,
      headers: { ...headers, ...shown },
      redirect: 'manual',
      ...(body === undefined ? {} : { body }),
    });
    const location = response.headers.get('location');
    if (!REDIRECTS.includes(response.status) || location === null) return response;
    await response.body?.cancel();
    at = addressOf(contact, location, at);
  }
  throw unreachable(contact, 'it leads from one address to the next');
}

export const unreachable = ({ registry }: Pick<Contact, 'registry'>, reason: string, cause?: unknown): WaybillError =>
  new WaybillError('registry-unreachable', { registry, reason: `${reason}.` }, { cause });

/** @throws WaybillError `registry-unreachable` when the registry names no address */
export function addressOf(contact: Contact, text: string, base?: URL): URL {
  try {
    return new URL(text, base);
  } catch (cause) {
    throw unreachable(contact, 'it leads to no address', cause);
  }
}

/** What went wrong with the network, in a word or two. */
export function networkReason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  const { code, message } = cause as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === 'string' ? code : String(message ?? cause);
}

async function answered(contact: Contact, address: URL, init: RequestInit): Promise<Response> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(new Error(`no answer within ${ANSWER_WITHIN / 1000} s`)), ANSWER_WITHIN);
  try {
    return await fetch(address, { ...init, signal: late.signal });
  } catch (cause) {
    throw unreachable(contact, networkReason(cause), cause);
  } finally {
    clearTimeout(timer);
  }
}

/** Nothing that is asked with encryption is led to where there is none: whoever listens there could answer. */
function mustBeSafe({ registry, isPlain }: Contact, at: URL, first: URL): void {
  if (at.protocol === 'https:') return;
  if (at.protocol === 'http:' && first.protocol === 'http:' && isPlain(at.host)) return;
  throw new WaybillError('registry-insecure', { registry, host: at.host });
}
