/** Version of both programs; a test holds it equal to the package's. */
export const netwatchVersion = "0.1.0";
