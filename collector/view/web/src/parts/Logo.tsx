import classes from './Logo.module.css';

/** The mark of the favicon, and the name. */
export function Logo({ size = 26 }: { size?: number }) {
  return (
    <span className={classes.logo}>
      <img src="/favicon.svg" width={size} height={size} alt="" />
      <span>Rollcall</span>
    </span>
  );
}
