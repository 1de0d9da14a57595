import { useEffect, useRef } from 'react';
import classes from './TipLayer.module.css';

const GAP_PX = 8;
const DELAY_MS = 250;

/**
 * One tooltip for the whole page: any element with `data-tip` shows it on hover, on focus and, unless it is something to
 * press, on a tap; Escape hides it. A table of a thousand cells then costs no tooltip component each.
 */
export function TipLayer() {
  const layer = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const tip = layer.current;
    if (!tip) return;
    let owner: HTMLElement | null = null;
    let timer: number | undefined;
    let byTouch = false;
    /** What the tap took the tip from: a second tap on the same element puts it away. */
    let tapped: HTMLElement | null = null;

    const hide = () => {
      window.clearTimeout(timer);
      owner?.removeAttribute('aria-describedby');
      owner = null;
      tip.hidden = true;
    };
    const show = (element: HTMLElement) => {
      tip.textContent = element.dataset['tip'] ?? '';
      tip.hidden = false;
      element.setAttribute('aria-describedby', tip.id);
      place(tip, element);
    };
    const approach = (event: Event, delay: number) => {
      const element = tipOwner(event);
      if (element === owner) return;
      hide();
      if (!element) return;
      owner = element;
      timer = window.setTimeout(() => show(element), delay);
    };
    const onPointer = (event: PointerEvent) => {
      if (event.pointerType !== 'touch') approach(event, DELAY_MS);
    };
    const onPress = (event: PointerEvent) => {
      byTouch = event.pointerType === 'touch';
      tapped = tip.hidden ? null : owner;
      hide();
    };
    const onFocus = (event: Event) => {
      if (!byTouch) approach(event, 0);
    };
    const onClick = (event: MouseEvent) => {
      const element = tipOwner(event);
      if (!byTouch || !element || element === tapped || element.closest('a, button:not([aria-disabled])')) return;
      owner = element;
      show(element);
    };
    const onKey = (event: KeyboardEvent) => {
      byTouch = false;
      if (event.key === 'Escape') hide();
    };

    document.addEventListener('pointerover', onPointer);
    document.addEventListener('focusin', onFocus);
    document.addEventListener('focusout', hide);
    document.addEventListener('pointerdown', onPress);
    document.addEventListener('click', onClick);
    document.addEventListener('scroll', hide, true);
    document.addEventListener('keydown', onKey);
    return () => {
      hide();
      document.removeEventListener('pointerover', onPointer);
      document.removeEventListener('focusin', onFocus);
      document.removeEventListener('focusout', hide);
      document.removeEventListener('pointerdown', onPress);
      document.removeEventListener('click', onClick);
      document.removeEventListener('scroll', hide, true);
      document.removeEventListener('keydown', onKey);
    };
  }, []);

  return <div ref={layer} id="rc-tip" role="tooltip" className={classes.tip} hidden />;
}

function tipOwner({ target }: Event): HTMLElement | null {
  return target instanceof Element ? target.closest<HTMLElement>('[data-tip]') : null;
}

function place(tip: HTMLElement, element: HTMLElement): void {
  const box = element.getBoundingClientRect();
  const size = tip.getBoundingClientRect();
  const left = Math.min(Math.max(GAP_PX, box.left), window.innerWidth - size.width - GAP_PX);
  const below = box.bottom + GAP_PX + size.height < window.innerHeight;
  tip.style.left = `${left}px`;
  tip.style.top = `${below ? box.bottom + GAP_PX : box.top - GAP_PX - size.height}px`;
}
