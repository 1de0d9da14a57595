import type { ReactNode } from 'react';
import { Logo } from '../../parts/Logo';
import classes from './EntryCard.module.css';

/** The card in the middle of a page that stands before the product. */
export function EntryCard({ title, children }: { title: string; children: ReactNode }) {
  return (
    <main className={classes.page}>
      <div className={classes.card}>
        <Logo size={30} />
        <h1 className={classes.title}>{title}</h1>
        {children}
      </div>
    </main>
  );
}
