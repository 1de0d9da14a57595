import { useRouter } from '@tanstack/react-router';
import type { ComponentProps, MouseEvent } from 'react';

interface RowLinkProps extends ComponentProps<'a'> {
  /** A place of this page. */
  href: string;
}

/** A link in a list: the router's own each watches where one is, which hundreds in sight are too many for. */
export function RowLink({ href, ...rest }: RowLinkProps) {
  const router = useRouter();
  const follow = (event: MouseEvent) => {
    const elsewhere = event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey;
    if (elsewhere) return;
    event.preventDefault();
    router.history.push(href);
  };
  return <a {...rest} href={href} onClick={follow} />;
}
