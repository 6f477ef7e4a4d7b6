/** What a page goes through, told to its session: going away, coming back, being shown, the network returning. */

/** The part of a session that cares. */
export interface PageResident {
  leaveNow(): void;
  wake(): void;
}

/** Subscribes a session to the page until the signal aborts. */
export function followPage(resident: PageResident, signal: AbortSignal): void {
  const wake = (): void => resident.wake();
  window.addEventListener('pagehide', () => resident.leaveNow(), { signal });
  window.addEventListener('pageshow', wake, { signal });
  window.addEventListener('online', wake, { signal });
  document.addEventListener('resume', wake, { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') resident.wake();
    },
    { signal },
  );
}
