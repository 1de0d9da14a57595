import { Kbd, Modal } from '@mantine/core';
import classes from './keyboard.module.css';

const KEYS: readonly [keys: string[], what: string][] = [
  [['Ctrl', 'K'], 'Jump to a device, a customer or a page'],
  [['/'], 'Search in this list'],
  [['j'], 'Next line'],
  [['k'], 'Line before'],
  [['o'], 'Open the line, or what is behind it'],
  [['?'], 'This list of keys'],
  [['Esc'], 'Close'],
];

/** It is there while it is drawn. */
export function KeysDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal opened onClose={onClose} title="Keys" closeButtonProps={{ 'aria-label': 'Close' }}>
      <dl className={classes.keys}>
        {KEYS.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
