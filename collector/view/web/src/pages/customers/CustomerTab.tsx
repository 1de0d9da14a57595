import { Link, useMatchRoute } from '@tanstack/react-router';
import type { KeyboardEvent } from 'react';

interface CustomerTabProps {
  to: `/customers/$customerId/${'overview' | 'devices' | 'alerts' | 'contacts' | 'updates'}`;
  customerId: string;
  count?: string | undefined;
  children: string;
}

/** A tab that is also an address: it can be opened in a new window, and Back works. */
export function CustomerTab({ to, customerId, count, children }: CustomerTabProps) {
  const selected = useMatchRoute()({ to, params: { customerId } }) !== false;
  return (
    <Link
      to={to}
      params={{ customerId }}
      role="tab"
      id={`tab-${children.toLowerCase()}`}
      aria-selected={selected}
      aria-controls={selected ? 'tab-panel' : undefined}
      tabIndex={selected ? 0 : -1}
      onKeyDown={moveFocus}
    >
      {children}
      {count !== undefined && <span aria-hidden="true">{count}</span>}
    </Link>
  );
}

/** Arrow keys move between tabs, as in any list of tabs. */
function moveFocus(event: KeyboardEvent<HTMLAnchorElement>): void {
  const step = event.key === 'ArrowRight' ? 1 : event.key === 'ArrowLeft' ? -1 : 0;
  if (step === 0) return;
  const tabs = [...(event.currentTarget.parentElement?.querySelectorAll<HTMLElement>('[role="tab"]') ?? [])];
  const next = tabs[(tabs.indexOf(event.currentTarget) + step + tabs.length) % tabs.length];
  event.preventDefault();
  next?.focus();
}
