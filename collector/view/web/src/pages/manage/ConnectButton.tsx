import classes from './manage.module.css';

const REASON = 'Not yet: terminal and files of a device are not part of this version.';

/** Where a session with the device will begin. It says why it cannot, to keyboard, finger and screen reader alike. */
export function ConnectButton({ name }: { name: string }) {
  return (
    <button type="button" className={classes.button} aria-label={`Connect to ${name}`} aria-disabled="true" data-tip={REASON}>
      Connect
    </button>
  );
}
