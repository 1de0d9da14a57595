import { Button } from '@mantine/core';
import type { ReactNode } from 'react';
import { toProblem } from '../api/problem';
import { IconCritical } from './icons';
import classes from './Notice.module.css';

interface ProblemNoticeProps {
  error: unknown;
  retry?: () => void;
}

/** What went wrong, what to do, and a way to try again. */
export function ProblemNotice({ error, retry }: ProblemNoticeProps) {
  const { title, detail, remedy, request_id: id } = toProblem(error);
  return (
    <div role="alert" className={classes.problem}>
      <IconCritical size={18} />
      <div className={classes.words}>
        <strong>{title}</strong>
        {detail && <div>{detail}</div>}
        {remedy && <div>{remedy}</div>}
        {id && <div className={classes.id}>Request {id}</div>}
      </div>
      {retry && (
        <Button size="xs" variant="default" onClick={retry}>
          Try again
        </Button>
      )}
    </div>
  );
}

interface EmptyNoticeProps {
  title: string;
  children?: ReactNode;
}

/** An empty list that says why it is empty and what to do about it. */
export function EmptyNotice({ title, children }: EmptyNoticeProps) {
  return (
    <div className={classes.empty}>
      <div className={classes.title}>{title}</div>
      {children}
    </div>
  );
}

/** Something that the reader must know about what stands below. */
export function WarningNotice({ children }: { children: ReactNode }) {
  return <div className={classes.warning}>{children}</div>;
}
