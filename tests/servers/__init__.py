"""Real servers for the tests, each from a wheel, on the loopback interface and gone afterwards."""
