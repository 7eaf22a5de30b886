"""The gateways: each speaks one channel's own protocol on one side and our contract on the other."""
